"""Invoices, fee invoices, credit notes, statements and yearly summaries: frozen when issued, kept as PDF."""
