/** What the benchmark takes of the product, built as one file before it runs. */
export { JobReconciler } from '../../plugins/ai-training-backend/src/jobs/JobReconciler';
export { JobStore } from '../../plugins/ai-training-backend/src/jobs/JobStore';
export { Lead } from '../../plugins/ai-training-backend/src/jobs/Lead';
export { DEFAULT_QUEUE_SETTINGS } from '../../plugins/ai-training-backend/src/queue/queue';
