import styles from './playground.module.css';

interface PixelPreviewProps {
  /** Row by row. */
  pixels: number[];
  width: number;
  maxValue: number;
}

/** The image as the model gets it. */
export function PixelPreview({ pixels, width, maxValue }: PixelPreviewProps) {
  const height = Math.ceil(pixels.length / width);
  return (
    <figure className={styles.preview}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        className={styles.pixels}
        role="img"
        aria-label={`What the model sees: ${width} by ${height} pixels`}
        shapeRendering="crispEdges"
      >
        {pixels.map((value, index) => (
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
      </svg>
      <figcaption>
        What the model sees: {width} × {height} pixels, 0 to {maxValue}
      </figcaption>
    </figure>
  );
}
