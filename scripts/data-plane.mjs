// @ts-check
import { bootstrap } from './lib/bootstrap.mjs';

/** The inference server alone, under a Node that it supports; its settings are environment variables. */
await bootstrap('packages/inference-server/dist/main.cjs');
