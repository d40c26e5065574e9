"""How every stated formula of this exercise follows from its definition; never ships."""

from autograder.symbolic import Derivation, MisconceptionForm, Question, Symbol

DERIVATIONS = (
    Derivation(
        question=Question(
            id="sym_ae_decoder_grad",
            truth="2/n*(X@A).T@(X@A@B - X)",
            symbols=(Symbol("X", ("n", "d")), Symbol("A", ("d", "k")), Symbol("B", ("k", "d"))),
            shape=("k", "d"),
            index=("a", "b"),
            loss="1/n*Sum(Sum((X[i,l] - Sum(Sum(X[i,m]*A[m,r]*B[r,l], r), m))**2, l), i)",
            wrt="B[a,b]",
            convention="1/n in front of the squared norm, no 1/2",
            equivalents=("2/n*(A.T@X.T@X@A@B - A.T@X.T@X)",),
            misconceptions=(
                MisconceptionForm("6a", "reverses the sign", "2/n*(X@A).T@(X - X@A@B)", "In which direction does the loss grow when the reconstruction is too large?"),
                MisconceptionForm("6b", "loses the factor 2", "1/n*(X@A).T@(X@A@B - X)", "Is there a factor 1/2 in L?"),
                MisconceptionForm("6c", "takes X instead of the code X A", "2/n*X.T@(X@A@B - X)", "Write the shape of every factor: does the product have the shape of B?"),
                MisconceptionForm(
                    "6d", "differentiates by the encoder", "2/n*X.T@(X@A@B - X)@B.T", "Which matrix do you differentiate by?"
                ),
            ),
            level="general",
        ),
        title="Decoder gradient of the linear autoencoder",
        sizes=({"n": 3, "d": 2, "k": 1}, {"n": 2, "d": 3, "k": 2}, {"n": 3, "d": 2, "k": 4}),
        lines=(
            (
                "linear regression of `X` on the codes `X@A`, column by column",
                "2/n*Sum((X@A)[i,a]*((X@A@B)[i,b] - X[i,b]), i)",
            ),
            ("expanded", "2/n*(A.T@X.T@X@A@B - A.T@X.T@X)"),
        ),
        conclusion="The decoder solves a least-squares problem on the codes; its gradient is codes "
        "transposed times reconstruction error.",
        convention="mean over `n` samples, sum over `d` features, no 1/2",
    ),
)
