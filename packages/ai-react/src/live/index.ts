export { useLive } from './useLive';
export type { Live, LiveOptions } from './useLive';
