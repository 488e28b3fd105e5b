"""Caffe on torch: Caffe's own files in and out, Caffe's own arithmetic in between."""
