namespace Recs.Ranker.Model.Forest;

/// <summary>
/// A tree's leaves from left to right, and for every split the run of leaves on its left: these are out of reach for a row that goes
/// right there, and the first leaf that no split rules out is the row's.
/// Source: QuickScorer (Lucchese et al., SIGIR 2015).
/// </summary>
internal sealed class LeafOrder
{
    private LeafOrder(int splits) => (Leaves, Left) = ([], new (int, int)[splits]);

    /// <summary>Leaf numbers, from left to right.</summary>
    public List<int> Leaves { get; }

    /// <summary>For each split the places [From, To) of the leaves on its left.</summary>
    public (int From, int To)[] Left { get; }

    public static LeafOrder Of(RegressionForest.Tree tree)
    {
        var order = new LeafOrder(tree.Features.Count);
        // A stack of its own: a tree may be as deep as it has splits. A split comes up twice, before its left side and after it.
        var open = new Stack<(int Child, bool LeftDone)>();
        open.Push((tree.Features.Count == 0 ? ~0 : 0, false));
        while (open.TryPop(out var next))
        {
            if (next.Child < 0)
            {
                order.Leaves.Add(~next.Child);
            }
            else if (!next.LeftDone)
            {
                order.Left[next.Child].From = order.Leaves.Count;
                open.Push((next.Child, true));
                open.Push((tree.Left[next.Child], false));
            }
            else
            {
                order.Left[next.Child].To = order.Leaves.Count;
                open.Push((tree.Right[next.Child], false));
            }
        }
        return order;
    }
}
