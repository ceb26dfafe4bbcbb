"""What an organisation knows in writing: collections of documents, cut into passages that can be cited."""
