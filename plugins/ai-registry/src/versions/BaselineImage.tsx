import type { BaselineProfile } from '@greenroom/ml-kit';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import styles from './BaselineImage.module.css';

export interface BaselineImageProps {
  image: NonNullable<ModelSchema['image']>;
  features: ModelSchema['features'];
  baseline: BaselineProfile;
}

/** The mean of all reference images, pixel by pixel: the darker, the more ink. */
export function BaselineImage(props: BaselineImageProps) {
  const { image, features, baseline } = props;
  const { width, height, maxValue } = image;
  const means = new Map(
    baseline.features.map(({ name, moments }) => [name, moments?.mean ?? 0]),
  );
  return (
    <figure className={styles.root}>
      <svg
        className={styles.image}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Mean of ${baseline.rows} reference images of ${width} by ${height} pixels`}
      >
        {features.map(feature => (
          <rect
            key={feature.name}
            x={feature.index % width}
            y={Math.floor(feature.index / width)}
            width={1.02}
            height={1.02}
            opacity={Math.min(1, (means.get(feature.name) ?? 0) / maxValue)}
          />
        ))}
      </svg>
      <figcaption className={styles.caption}>
        The mean of all reference images: the stronger, the more ink.
      </figcaption>
    </figure>
  );
}
