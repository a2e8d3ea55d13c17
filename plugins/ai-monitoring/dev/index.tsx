import { createDevApp } from '@backstage/frontend-dev-utils';
import aiMonitoringPlugin from '../src';

createDevApp({ features: [aiMonitoringPlugin] });
