import { formatLabels } from './prometheus';

const MILLIS_PER_SECOND = 1_000;

/**
 * Until when certificates hold, in the Prometheus text format, so that one which nobody renews is seen in time.
 *
 * @param ends - by what the certificate is for; left out where there is none
 */
export function writeCertificates(
  ends: Record<string, Date | undefined>,
): string {
  const samples = Object.entries(ends).flatMap(([of, end]) =>
    end
      ? [
          `greenroom_certificate_expiry_timestamp_seconds${formatLabels({
            of,
          })} ${end.getTime() / MILLIS_PER_SECOND}\n`,
        ]
      : [],
  );
  if (samples.length === 0) return '';
  return [
    '# HELP greenroom_certificate_expiry_timestamp_seconds When a certificate of this server ends, in seconds since 1970.\n',
    '# TYPE greenroom_certificate_expiry_timestamp_seconds gauge\n',
    ...samples,
  ].join('');
}
