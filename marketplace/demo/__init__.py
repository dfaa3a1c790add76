"""The demo: invented people, companies and a year of their deals, made by the verbs that everybody uses."""
