import { relayShop } from './relay-shop.ts';
import { liveOrdersSuite } from './suite.ts';

liveOrdersSuite('Relay', relayShop);
