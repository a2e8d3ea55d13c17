import type { ExplainedPart } from '@greenroom/plugin-ai-inference-common';

export interface LabelledPart extends ExplainedPart {
  label: string;
  /** Its value in the row. */
  detail?: string;
}

export interface AttributionRow extends LabelledPart {
  /** Of the largest, without its sign; 0 to 100. */
  sharePercent: number;
}

/** The largest first, whatever their signs. */
export function attributionRows(
  parts: readonly LabelledPart[],
): AttributionRow[] {
  const largest = parts.reduce(
    (most, { attribution }) => Math.max(most, Math.abs(attribution)),
    0,
  );
  return parts
    .map(part => ({
      ...part,
      sharePercent:
        largest > 0 ? (Math.abs(part.attribution) / largest) * 100 : 0,
    }))
    .sort((a, b) => b.sharePercent - a.sharePercent);
}
