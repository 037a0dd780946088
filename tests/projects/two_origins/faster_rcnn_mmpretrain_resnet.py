"""A detector of mmdet on a backbone of mmpretrain: both have a ``ResNet``, a ``ResLayer`` and a ``Bottleneck``.

The shared head is mmdet's ``ResLayer`` with mmdet's ``Bottleneck``; the backbone brings mmpretrain's.
"""

_base_ = 'mmdet::faster_rcnn/faster-rcnn_r50-caffe_c4-1x_coco.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmpretrain.ResNet',
        depth=50,
        num_stages=3,
        strides=(1, 2, 2),
        dilations=(1, 1, 1),
        out_indices=(2,),
        frozen_stages=1,
        norm_cfg=dict(type='BN', requires_grad=False),
        norm_eval=True,
    ),
)
