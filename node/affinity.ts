import { Strategies, type ActionEndpoint, type Context } from "moleculer";

interface Call { readonly params?: { readonly storeId?: unknown } | undefined; readonly _retryAttempts?: number }

/** Calls about one store go to one of the nodes, as long as it lives, those about another store to another: sales of one store meet in the same process, where they share their
 *  transactions and do not wait for each other's row locks (the store's counter, its best sellers). What is about no store, and every second try, goes to the nodes in turn.
 *  Rendezvous hashing (Thaler and Ravishankar 1998): when a node comes or goes, only its own stores move. */
export class StoreAffinity extends Strategies.RoundRobin {
  override select(nodes: ActionEndpoint[], context?: Context): ActionEndpoint {
    const { params, _retryAttempts } = (context ?? {}) as Call;
    const storeId = params?.storeId;
    if (typeof storeId !== "string" || _retryAttempts) return super.select(nodes) as ActionEndpoint;
    return nodes.reduce((best, node) => (weight(storeId, node) > weight(storeId, best) ? node : best));
  }
}

/** FNV-1a over both names, then mixed, so that names which differ in their last letter weigh nothing alike. 32 bits. */
function weight(storeId: string, { id }: ActionEndpoint): number {
  let hash = 0x811c9dc5;
  for (const text of [storeId, id as string]) for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
