import { createDevApp } from '@backstage/frontend-dev-utils';
import aiInferencePlugin from '../src';

createDevApp({ features: [aiInferencePlugin] });
