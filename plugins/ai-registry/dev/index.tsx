import { createDevApp } from '@backstage/frontend-dev-utils';
import aiRegistryPlugin from '../src';

createDevApp({ features: [aiRegistryPlugin] });
