export {
  formatBytes,
  formatDifference,
  formatDuration,
  formatEffect,
  formatMetric,
  formatMillis,
  formatMoment,
  formatNumber,
  formatRate,
  formatShare,
  formatTimeOfDay,
} from './format';
