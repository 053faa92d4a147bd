import { apolloShop } from './apollo-shop.ts';
import { liveOrdersSuite } from './suite.ts';

liveOrdersSuite('Apollo Client', apolloShop);
