"""The API: the record for programs, with the rights of the person for whom they speak."""
