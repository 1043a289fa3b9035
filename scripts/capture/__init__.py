# SPDX-License-Identifier: Apache-2.0
"""Makes skipsim traces (traces/FORMAT.md) from a PyTorch model while it trains.

    options   command line            data      training and test samples
    models    models and checkpoints  training  optimizer, schedule, the training loop
    tracing   torch.fx graph          graph     torch.fx graph -> operators of the trace
    recorder  one captured iteration  needed    which gradients an operator passes on
    formats   number formats, bits    writer    the HDF5 file
"""
