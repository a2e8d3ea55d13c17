import { formatNumber } from '@greenroom/ai-react';
import type { ExplainResponse } from '@greenroom/plugin-ai-inference-common';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import styles from './playground.module.css';

interface AttributionMapProps {
  patches: NonNullable<ExplainResponse['patches']>;
  image: NonNullable<ModelSchema['image']>;
  /** Of the image that was explained, row by row. */
  pixels: number[];
}

/** The image with what each of its patches adds: two colours for raising and lowering, stronger for more. */
export function AttributionMap({
  patches,
  image,
  pixels,
}: AttributionMapProps) {
  const { width, height, maxValue } = image;
  const { rows, columns, attributions } = patches;
  const largest = Math.max(...attributions.map(Math.abs), Number.MIN_VALUE);
  const raising = attributions.filter(value => value > 0).length;
  return (
    <figure className={styles.map}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`What each of ${rows} by ${columns} patches adds: ${raising} raise the prediction, the strongest by ${formatNumber(
          Math.max(...attributions),
        )}`}
        shapeRendering="crispEdges"
      >
        {pixels.slice(0, width * height).map((value, index) => (
          <rect
            key={index}
            x={index % width}
            y={Math.floor(index / width)}
            width={1}
            height={1}
            fillOpacity={value / maxValue}
            fill="currentColor"
          />
        ))}
        {attributions.map((value, index) => {
          const column = index % columns;
          const row = Math.floor(index / columns);
          const x = (column * width) / columns;
          const y = (row * height) / rows;
          return (
            <rect
              key={`patch-${index}`}
              className={value < 0 ? styles.lowersPatch : styles.raisesPatch}
              x={x}
              y={y}
              width={width / columns}
              height={height / rows}
              fillOpacity={(0.7 * Math.abs(value)) / largest}
            >
              <title>{`Row ${row + 1}, column ${column + 1}: ${formatNumber(
                value,
              )}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span className={styles.raisesKey}>raises it</span>{' '}
        <span className={styles.lowersKey}>lowers it</span>
      </figcaption>
    </figure>
  );
}
