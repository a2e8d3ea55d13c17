export {
  formatBytes,
  formatDifference,
  formatDuration,
  formatEffect,
  formatMetric,
  formatMillis,
  formatMoment,
  formatMoney,
  formatNumber,
  formatRate,
  formatShare,
  formatTimeOfDay,
} from './format';
