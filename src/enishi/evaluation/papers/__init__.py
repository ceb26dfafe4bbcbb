"""The official forms out of one entry: one set of templates, composed once, shown as page, xlsx and PDF."""
