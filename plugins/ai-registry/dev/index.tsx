import { createDevApp } from '@backstage/frontend-dev-utils';
import '@backstage/ui/css/styles.css';
import aiRegistryPlugin from '../src';

createDevApp({ features: [aiRegistryPlugin] });
