import { createDevApp } from '@backstage/frontend-dev-utils';
import aiTrainingPlugin from '../src';

createDevApp({ features: [aiTrainingPlugin] });
