// As much JSON as this plugin needs: members of one object, and strings to put into another.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace json {

inline std::string_view trimmed(std::string_view text) {
    const auto start = text.find_first_not_of(" \t\r\n");
    return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

// Takes one value off the front of the text.
inline std::string_view take_value(std::string_view &text) {
    text = trimmed(text);
    std::size_t at = 0;
    int depth = 0;
    bool quoted = false;
    for (; at < text.size(); at++) {
        const char c = text[at];
        if (quoted) {
            if (c == '\\') at++;
            else if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0) break;
            depth--;
        } else if (depth == 0 && (c == ',' || c == ':')) {
            break;
        }
    }
    if (quoted || depth > 0 || at > text.size()) throw std::invalid_argument("no JSON");
    auto value = text.substr(0, at);
    text.remove_prefix(at);
    while (!value.empty() && std::string_view(" \t\r\n").find(value.back()) != std::string_view::npos)
        value.remove_suffix(1);
    return value;
}

// The value of a member of an object as it is written; nothing if there is none.
inline std::optional<std::string_view> member(std::string_view object, std::string_view key) {
    object = trimmed(object);
    if (object.empty() || object.front() != '{') throw std::invalid_argument("no JSON object");
    do {
        object.remove_prefix(1);
        const auto name = take_value(object);
        if (object.empty() || object.front() != ':') return {};
        object.remove_prefix(1);
        const auto value = take_value(object);
        if (name.size() == key.size() + 2 && name.substr(1, key.size()) == key) return value;
    } while (!object.empty() && object.front() == ',');
    return {};
}

inline long integer(std::optional<std::string_view> value) {
    std::size_t end = 0;
    if (!value || value->empty()) throw std::invalid_argument("no number");
    const std::string text(*value);
    const long number = std::stol(text, &end);
    if (end != text.size()) throw std::invalid_argument("no integer");
    return number;
}

// A string with its quotes and escapes, which can go into other JSON as it is.
inline std::string quoted_string(std::optional<std::string_view> value) {
    if (!value || value->size() < 2 || value->front() != '"') throw std::invalid_argument("no string");
    return std::string(*value);
}

}  // namespace json
