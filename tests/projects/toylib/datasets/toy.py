# Copyright (c) the toylib authors.
import os.path as osp

import torch
from mmcv.transforms import BaseTransform
from mmengine.dataset import BaseDataset

from toylib.registry import DATASETS, TRANSFORMS


@DATASETS.register_module()
class ToyDataset(BaseDataset):
    """Reads a list that is not there."""

    METAINFO = dict(classes=('a', 'b'))

    def load_data_list(self):
        with open(osp.join(self.data_root, self.ann_file)) as stream:
            return [dict(index=int(line)) for line in stream]


@TRANSFORMS.register_module()
class ToyImage(BaseTransform):
    """Makes an image out of an index."""

    def __init__(self, offset=0.5):
        self.offset = offset

    def transform(self, results):
        image = torch.full((3, 8, 8), results['index'] + self.offset)
        return dict(inputs=image, data_samples=results['index'])
