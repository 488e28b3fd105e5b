"""The layers: each computes what Caffe's computes, forward and backward."""
