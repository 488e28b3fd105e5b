"""The pages, one file each; every one has `show`, and its visible words stand together at its top."""
