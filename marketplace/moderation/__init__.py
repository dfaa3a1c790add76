"""Moderation: words that are not published unseen, and what people report. Subjects are opaque keys."""
