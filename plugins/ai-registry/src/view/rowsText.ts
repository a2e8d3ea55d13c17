import { formatNumber } from '@greenroom/ai-react';

/** `1 row`, `1,200 rows` */
export function rowsText(count: number): string {
  return `${formatNumber(count)} ${count === 1 ? 'row' : 'rows'}`;
}
