/// The words of the generated workspace.
enum Words {
    static let spaces = [
        "Product", "Engineering", "Customer Success", "Marketing", "People & Culture", "Finance", "Research",
        "Büro Zürich",
    ]

    static let folders = [
        "Roadmap", "Discovery", "Platform", "Mobile App", "Onboarding", "Support", "Campaigns", "Brand",
        "Hiring", "Budget",
    ]

    static let lists = [
        "Backlog", "This Quarter", "Ideas", "Bugs", "Releases", "Interviews", "Playbooks", "Follow-ups",
        "Meetings",
        "Experiments", "Checklists",
    ]

    /// The first twelve fit the places that `Workspace.placement` gives them.
    static let docs = [
        "Getting Started", "Product Roadmap", "Release Checklist", "Interview Notes", "",
        "Meeting Notes: Weekly Sync",
        "Company Handbook", "Security Policy", "Vendor Evaluation", "Engineering Wiki", "Lessons from 2024",
        "Retired Playbooks", "API Style Guide", "Café Launch – São Paulo", "設計メモ Design Notes", "Incident Runbook",
        "Pricing Research", "Brand Voice", "Travel & Expenses", "Data Retention", "Quarterly Goals",
        "Accessibility Audit",
        "Search Architecture", "Support Macros", "Partner Programme",
    ]

    static let pages = [
        "Overview", "Background", "Goals", "Open Questions", "How We Work", "Decisions", "Timeline", "Risks",
        "Glossary",
        "Checklist", "Architecture", "Rollout Plan", "Metrics", "Interviews", "FAQ", "Änderungen", "Next Steps 🚀",
        "Budget", "Team", "References",
    ]

    static let sentences = [
        "This page collects what we agreed on and what is still open.",
        "Please comment directly in the text rather than in chat; comments stay with the decision.",
        "Numbers were taken from the dashboard on the first Monday of the month.",
        "The team in Zürich reviews changes before they reach customers.",
        "We prefer a small step this week to a large one next quarter.",
        "Everything below applies to the staging environment as well.",
        "If a step fails, stop, write down what you saw and ask in the channel.",
        "A naïve reading of the results would overestimate the effect by half.",
        "Nothing here is final until two people from different teams have signed it off.",
        "The previous version is kept in the archive folder for reference.",
    ]

    static let points = [
        "Agree on the scope with **design** and **support**", "Write the migration guide",
        "Measure before and after",
        "Ask three customers (東京, Łódź, Québec)", "Clean up feature flags", "Rehearse the rollback",
        "Update the [status page](https://status.example.com)", "Keep costs below 2.500 € a month",
    ]

    static let headings = [
        "Summary", "Details", "What we learned", "Plan", "Notes", "Constraints", "Examples", "Owners",
    ]

    static let code = [
        "```swift\nlet answer = try await client.fetch(page: id)\nprint(\"got \\(answer.count) bytes\")\n```",
        "```sh\ncurl --fail https://api.example.com/health | jq '.status'\n```",
        "```json\n{ \"retries\": 3, \"timeout\": \"10s\", \"emoji\": \"✅\" }\n```",
        "```sql\nSELECT name, count(*) FROM visits GROUP BY name ORDER BY 2 DESC;\n```",
    ]

    static let tables = [
        "| Milestone | Owner | Due |\n| --- | --- | --- |\n| Beta | Mei | 12 March |\n| Launch | Jürgen | 30 April |",
        "| Plan | Seats | Price |\n| :--- | ---: | ---: |\n| Start | 5 | 19 € |\n| Team | 50 | 149 € |",
        "| Risk | Likelihood | Answer |\n| --- | --- | --- |\n| Late review | high | book it now |\n| Outage | low | runbook |",
    ]

    static let quotes = [
        "> “If it is not written down, it did not happen.”", "> *Ship it, then listen.*",
        "> Zitat: „Weniger, aber besser.“",
    ]
}
