"""Two registry entries of one name in one model: mmdet's ``ResNet`` is the backbone, mmpretrain's the shared head."""

_base_ = 'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'

model = dict(
    backbone=dict(depth=18, init_cfg=None),
    neck=dict(in_channels=[64, 128, 256, 512]),
    roi_head=dict(shared_head=dict(type='mmpretrain.ResNet', depth=18)),
)
