export {
  formatBytes,
  formatDuration,
  formatMillis,
  formatNumber,
  formatRate,
  formatShare,
} from './format';
