import { referenceRuntime } from '@atrous/graph';
import { conformance } from './suite.ts';

conformance(referenceRuntime);
