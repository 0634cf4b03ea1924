//! Tests of the whole module `seam`.

mod fuzz;
