// The figures of a chart as a table, newest first where they are times.

import { countOf, pointText, valueText, type ChartProps } from './chart.js';

export function ChartTable(props: ChartProps) {
  const { points, series, format, pointsLabel, title } = props;
  const indexes = Array.from({ length: countOf(points) }, (_, index) => index);
  if (points.kind === 'times') indexes.reverse();
  return (
    <div class="table-scroll chart-table" tabIndex={0} role="region" aria-label={title}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{pointsLabel}</th>
            {series.map(({ label }) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {indexes.map((index) => (
            <tr key={index}>
              <th scope="row">{pointText(props, index)}</th>
              {series.map(({ label, values }) => (
                <td key={label} class="number">
                  {valueText(values[index], format)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
