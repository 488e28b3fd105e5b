"""The layers that read data: LMDB, HDF5, lists of images, arrays of the caller."""
