import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { Facts, formatNumber, formatShare } from '@greenroom/ai-react';
import type { GateEvidence } from '@greenroom/plugin-ai-registry-common';
import { evaluationRunRouteRef } from '../routes';
import { Digest } from '../view/Digest';
import { IntervalChart } from '../view/IntervalChart';

type PromptEvidenceOf = Extract<GateEvidence, { kind: 'prompt-evaluation' }>;
type CostEvidenceOf = Extract<GateEvidence, { kind: 'cost' }>;

/** How versions answered the prompts of a dataset, scorer by scorer. */
export function PromptEvidence(props: {
  evidence: PromptEvidenceOf;
  model: string;
}) {
  const { evidence, model } = props;
  const runLink = useRouteRef(evaluationRunRouteRef);
  const { dataset, rows, candidate, base, scorers } = evidence;
  const answers = runLink?.({
    name: model,
    version: String(candidate.version),
    run: candidate.run,
  });
  return (
    <>
      {scorers.map(({ scorer, paired, margin }) =>
        paired ? (
          <IntervalChart key={scorer} paired={paired} margin={margin} />
        ) : null,
      )}
      <Facts
        facts={[
          ...scorers.map(({ scorer, candidate: share, interval, ...one }) => ({
            label: `Right by ${scorer}`,
            value: `${formatShare(share)} (${formatShare(
              interval[0],
            )} to ${formatShare(interval[1])})${
              one.base === undefined
                ? ''
                : `, running: ${formatShare(one.base)}`
            }`,
          })),
          {
            label: 'Prompts',
            value: `${formatNumber(rows)} of ${dataset.name}, version ${
              dataset.version
            }`,
          },
          {
            label: 'Dataset version',
            value: <Digest digest={dataset.digest} />,
          },
          {
            label: `Unanswered by version ${candidate.version}`,
            value:
              candidate.unanswered > 0
                ? formatNumber(candidate.unanswered)
                : undefined,
          },
          {
            label: `Unanswered by version ${base?.version ?? '–'}, running`,
            value:
              base && base.unanswered > 0
                ? formatNumber(base.unanswered)
                : undefined,
          },
        ]}
      />
      {answers && (
        <Link href={base ? `${answers}?compareWith=${base.run}` : answers}>
          {base ? 'Answers of both versions, side by side' : 'All answers'}
        </Link>
      )}
    </>
  );
}

/** What a call costs, before and after. */
export function CostEvidence({ evidence }: { evidence: CostEvidenceOf }) {
  const { candidate, base, maxIncreaseShare } = evidence;
  const side = (label: string, of: CostEvidenceOf['candidate']) => [
    {
      label: `1,000 calls of ${label}`,
      value:
        of.costOfThousandCalls === undefined
          ? undefined
          : `${formatNumber(of.costOfThousandCalls, 3)} ${of.currency ?? ''}`,
    },
    {
      label: `Tokens of a call of ${label}`,
      value:
        of.inputTokens === undefined || of.outputTokens === undefined
          ? undefined
          : `${formatNumber(of.inputTokens, 1)} in, ${formatNumber(
              of.outputTokens,
              1,
            )} out`,
    },
  ];
  return (
    <Facts
      facts={[
        ...side('this version', candidate),
        ...(base ? side(`version ${base.version}, running`, base) : []),
        {
          label: 'Increase that is let through',
          value:
            maxIncreaseShare === undefined
              ? undefined
              : formatShare(maxIncreaseShare),
        },
      ]}
    />
  );
}
