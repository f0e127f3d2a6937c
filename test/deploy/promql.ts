import { parser } from "@prometheus-io/lezer-promql";
import { METRICS, type MetricEntry } from "../../node/metrics/catalogue.ts";

/** What others than our nodes measure, and the labels by which we ask for it. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  up: [],
  gnatsd_varz_jetstream_stats_storage: [], gnatsd_varz_jetstream_config_max_storage: [], jetstream_consumer_num_pending: ["stream_name", "consumer_name"], // prometheus-nats-exporter, -varz -jsz=all
  kubelet_volume_stats_available_bytes: ["persistentvolumeclaim"], kubelet_volume_stats_capacity_bytes: ["persistentvolumeclaim"], // the kubelet
};
/** What the scrape configurations add to every series. */
const OF_THE_TARGET = ["job", "instance", "node", "pod"];

/** What is wrong with a PromQL expression, as far as names go: metrics that nobody registers, labels that a metric does not have. */
export function objectionsToQuery(query: string): string[] {
  // As Grafana fills its variables in.
  const text = query.replaceAll("$__rate_interval", "5m").replaceAll(/\$\w+/g, "x");
  const objections: string[] = [];
  const known = new Set<string>();
  const asked: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, from, to, node }) => {
      const word = text.slice(from, to);
      if (node.type.isError) objections.push(`no PromQL: ${query}`);
      if (name === "VectorSelector") {
        const metric = text.slice(from, to).match(/^\w+/)![0];
        const labels = labelsOf(metric);
        if (!labels) objections.push(`nobody measures ${metric}`);
        for (const label of labels ?? []) known.add(label);
      }
      if (name === "LabelName") asked.push(word);
    },
  });
  const strange = asked.filter((label) => !known.has(label) && !OF_THE_TARGET.includes(label));
  return [...objections, ...strange.map((label) => `no metric of it has the label ${label}: ${query}`)];
}

/** The labels of a series; undefined: there is no such series. A histogram is asked for by its parts only. */
function labelsOf(series: string): readonly string[] | undefined {
  if (series in FOREIGN) return FOREIGN[series];
  for (const { name, type, labels } of Object.values<MetricEntry>(METRICS)) {
    if (type !== "histogram" && series === name) return labels;
    if (type === "histogram" && [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(series)) return [...labels, ...(series.endsWith("_bucket") ? ["le"] : [])];
  }
  return undefined;
}
