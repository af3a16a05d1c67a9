"""The head of the model in ../models/quarter in PyTorch, as its training code names the weights: ASPP, decoder and classifier on
made-up features. Usage: python generate_head.py ../models/quarter/model.safetensors > ../files/street-head.json"""
import json, sys
import torch, torch.nn.functional as F
from safetensors.torch import load_file
from fill import image, stats
W=load_file(sys.argv[1])
def bn(x,n): return F.batch_norm(x,*(W[f'{n}.{leaf}'] for leaf in ('running_mean','running_var','weight','bias')),eps=1e-5)
def conv(x,n,b): return F.relu(bn(F.conv2d(x,W[f'{n}.weight']),b))
def separable(x,n,rate=1):
    x=F.relu(bn(F.conv2d(x,W[f'{n}.conv_dw.weight'],padding=rate,dilation=rate,groups=x.shape[1]),f'{n}.bn_dw'))
    return conv(x,f'{n}.conv_pw',f'{n}.bn_pw')
def head(features,low):
    size=features.shape[2:]
    branches=[conv(features,'aspp.b0.conv','aspp.b0.bn')]+[separable(features,f'aspp.b{i}',6*i) for i in (1,2,3)]
    pooled=conv(features.mean((2,3),keepdim=True),'aspp.pool.conv','aspp.pool.bn').expand(-1,-1,*size)
    aspp=conv(torch.cat([*branches,pooled],1),'aspp.project.conv','aspp.project.bn')
    skip=conv(low,'decoder.low.conv','decoder.low.bn')
    x=torch.cat([F.interpolate(aspp,skip.shape[2:],mode='bilinear',align_corners=False),skip],1)
    for i in (1,2): x=separable(x,f'decoder.conv{i}')
    return aspp,F.conv2d(x,W['classifier.weight'],W['classifier.bias'])
sizes={'features':(1,23,27,W['aspp.b0.conv.weight'].shape[1]),'low':(1,91,107,W['decoder.low.conv.weight'].shape[1])}
feeds=[torch.tensor(image(*size)).permute(0,3,1,2) for size in sizes.values()]
with torch.no_grad(): named=dict(zip(('aspp','logits'),head(*feeds)))
print(json.dumps({'source':'the head of the street model in PyTorch','input':{n:{'size':s,'fill':'image','layout':'NHWC'} for n,s in sizes.items()},'endpoints':{n:stats(t.permute(0,2,3,1).numpy()) for n,t in named.items()}}))
