export { type Faults, FAULTS_ALL, FAULTS_NONE, FAULTS_TIMING } from "./faults.ts";
export { type SentDatagram } from "./datagram.ts";
export { SimExit } from "./core.ts";
export { Peer } from "./peer.ts";
export { createSimWorld, SimWorld } from "./world.ts";
