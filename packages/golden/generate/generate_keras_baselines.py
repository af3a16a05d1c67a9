# usage: generate_keras_baselines.py MODEL H W TAG [LAYER]: a golden file of a model of Keras Applications with generated weights;
# LAYER: whose output the pooling reads (found where it is left out)
import os; os.environ['TF_CPP_MIN_LOG_LEVEL']='3'
import sys, json, keras, numpy as np
from fill import image, params, stats
name,h,w,tag=sys.argv[1],int(sys.argv[2]),int(sys.argv[3]),sys.argv[4]
options=dict(include_preprocessing=False) if name.startswith('MobileNetV3') else {}
m=getattr(keras.applications,name)(weights=None,input_shape=(h,w,3),classifier_activation=None,**options); P=params(m)
pool=[l for l in m.layers if isinstance(l,keras.layers.GlobalAveragePooling2D)][-1]
f=keras.Model(m.input,[m.get_layer(sys.argv[5]).output if len(sys.argv)>5 else pool.input,m.output]); features,logits=[np.asarray(v) for v in f.predict(image(1,h,w,3),verbose=0)]
d=dict(source='keras.applications',model=name,version=keras.__version__,input=dict(size=[1,h,w,3],fill='image',layout='NHWC'),outputStride=32,params=P,features=stats(features),logits=stats(logits),count=sum(int(np.prod(p[1])) for p in P if p[2] not in('mean','variance')))
json.dump(d,open(f'{tag}.json','w'),separators=(',',':')); print(tag,len(P),d['count'],features.shape,d['features']['std'],d['logits']['std'])
