import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';

/** What is known of a comparison. */
export type AnalysisReading =
  | { kind: 'report'; report: ComparisonReport }
  /** Whoever counts has not counted anything for it yet. */
  | { kind: 'nothing-counted' }
  /** Whoever counts cannot be asked; nothing is decided by what it said before. */
  | {
      kind: 'away';
      /** A sentence that begins with who does not answer. */
      reason: string;
    };

/** Where reports on comparisons come from. */
export interface AnalysisSource {
  /** Never throws: what is wrong is part of what was read. */
  read(comparisonId: string, signal: AbortSignal): Promise<AnalysisReading>;
}
