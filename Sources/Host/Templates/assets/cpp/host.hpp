// The contract's function table with C++ types.  Each call throws Cancelled once the host wants the
// import to end.
#pragma once

#include "integration_plugin.h"

#include <string>

struct Cancelled {};

// Ends the import with a status and the reason for it.
struct Failure {
    integration_status status;
    std::string code, message;
};

class Host {
public:
    explicit Host(const integration_call *call) : call_(call), host_(call->host) {}

    bool is_full_refresh() const { return call_->flags & INTEGRATION_FLAG_FULL_REFRESH; }

    // False: the host refuses this document, and it has been reported.
    bool upsert(const std::string &collection, const std::string &id, const std::string &json) const {
        const auto status = host_->upsert(host_, collection.c_str(), id.c_str(), json.data(), json.size());
        if (status == INTEGRATION_OK) return true;
        if (status != INTEGRATION_REJECTED && status != INTEGRATION_TOO_LARGE) throw Cancelled{};
        host_->report(host_, INTEGRATION_REPORT_FAILED, collection.c_str(), id.c_str(), "refused",
                      "The host refused this document.");
        return false;
    }

    bool known(const std::string &collection, const std::string &id, const std::string &revision) const {
        if (is_full_refresh()) return false;
        const auto answer = host_->known(host_, collection.c_str(), id.c_str(), revision.c_str());
        if (answer < 0) throw Cancelled{};
        return answer == 1;
    }

    void complete(const std::string &collection) const {
        if (host_->complete(host_, collection.c_str(), nullptr) != INTEGRATION_OK) throw Cancelled{};
    }

    void fail(const Failure &failure) const {
        host_->fail(host_, failure.code.c_str(), failure.message.c_str(), nullptr, 0);
    }

private:
    const integration_call *call_;
    const integration_host *host_;
};
