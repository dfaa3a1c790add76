"""What the features stand on: database, jobs, mail, storage, languages, Stripe."""
