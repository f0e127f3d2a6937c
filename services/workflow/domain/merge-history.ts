export interface Placed<E> { readonly place: { readonly at: number; readonly seq: number }; readonly event: E }
export interface Part<E> { readonly service: string; readonly events: readonly Placed<E>[]; readonly more: boolean }
export type Places = Readonly<Record<string, { readonly at: number; readonly seq: number }>>;

/** One page out of the services' own histories, in the order of publication. A service that has more than it told holds back what the others published later,
 *  so that its next page cannot come too late; it has told at least one, so there is always a step forward.
 *  @param from where the page before ended, by service @returns `places`: where this one ends */
export function mergeHistory<E>(parts: readonly Part<E>[], limit: number, from: Places): { events: E[]; places: Places; more: boolean } {
  const horizon = Math.min(...parts.filter(({ more }) => more).map(({ events }) => events.at(-1)!.place.at), Infinity);
  const all = parts.flatMap(({ service, events }) => events.map((placed) => ({ service, ...placed })));
  const settled = all.filter(({ place }) => place.at <= horizon).sort((a, b) => a.place.at - b.place.at || (a.service < b.service ? -1 : a.service > b.service ? 1 : a.place.seq - b.place.seq));
  const taken = settled.slice(0, limit);
  const places = { ...from, ...Object.fromEntries(taken.map(({ service, place }) => [service, place])) };
  return { events: taken.map(({ event }) => event), places, more: taken.length < all.length || parts.some(({ more }) => more) };
}
