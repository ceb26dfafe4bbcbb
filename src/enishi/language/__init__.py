"""Japanese text: normalising, sentences, words, vectors of meaning.

Works without the web application and without settings: folders, thread counts and addresses are
arguments. The models stand behind :class:`~enishi.language.ports.Embedder`.
"""
