"""Connected accounts and transfers to creators."""
