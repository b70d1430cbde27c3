using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality;

/// <summary>How one public data set is judged: what is learnt from, what is predicted, and which figures stand beside published ones.</summary>
internal abstract class QualityProtocol
{
    /// <summary>The name on the command line.</summary>
    public abstract string Dataset { get; }

    /// <summary>What <c>--test</c> takes, in words; null where the protocol has no test file.</summary>
    public abstract string? TestFile { get; }

    /// <summary>What <c>--learner</c> may name; empty where nothing is learnt. All of them where the protocol does not say otherwise.</summary>
    public virtual IReadOnlyList<Learner> TakesLearners => Enum.GetValues<Learner>();

    /// <summary>Refuses a learner that the protocol has no use for, before anything is read.</summary>
    /// <exception cref="RefusedException">It is not among <see cref="TakesLearners"/>.</exception>
    public void Require(Learner learner)
    {
        if (TakesLearners.Contains(learner)) return;
        throw new RefusedException($"--learner {LearnerOption.Word(learner)} does not go with {Dataset}: "
            + (TakesLearners.Count == 0 ? "nothing is learnt there, leave it out" : $"possible are {string.Join(", ", TakesLearners.Select(LearnerOption.Word))}"));
    }

    /// <summary>Carries it out.</summary>
    /// <param name="request">Which files, which seed.</param>
    /// <param name="board">Told of every stage.</param>
    /// <param name="cancel">Stops between stages, or within long ones.</param>
    /// <exception cref="RefusedException">A file is missing or is not what it should be.</exception>
    public abstract Task<QualityOutcome> Judge(QualityRequest request, StageBoard board, CancellationToken cancel);

    /// <summary>The table of protocols.</summary>
    public static IReadOnlyList<QualityProtocol> All { get; } =
    [
        new OnlineRetail.OnlineRetailProtocol(),
        new Collm.CollmProtocol(),
        new Frappe.FrappeProtocol(),
        new MovieLens.MovieLens100kProtocol(),
        new OpenBandit.OpenBanditProtocol(),
        new IPinYou.IPinYouProtocol(),
    ];

    /// <exception cref="RefusedException">No such data set.</exception>
    public static QualityProtocol Find(string dataset) => All.FirstOrDefault(protocol => protocol.Dataset == dataset)
        ?? throw new RefusedException($"data set '{dataset}' has no protocol in this build; it judges {string.Join(", ", All.Select(protocol => protocol.Dataset))}");

    /// <summary>For a stage that does not wait.</summary>
    protected static Task<(string, T)> Done<T>(string said, T result) => Task.FromResult((said, result));

    protected static string Say(FormattableString text) => text.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What to judge.</summary>
/// <param name="Data">The data set's folder.</param>
/// <param name="Test">A test file that lies elsewhere, or null.</param>
/// <param name="Seed">Of everything that is drawn.</param>
/// <param name="Backend">What embeds.</param>
/// <param name="Learner">What learns, where the protocol learns; null for the protocol's own choice.</param>
internal sealed record QualityRequest(string Data, string? Test, int Seed, Backend Backend, Learner? Learner = null);

/// <summary>What a protocol gives: the figures, and what the page draws them from.</summary>
/// <param name="Result">The figures.</param>
/// <param name="Rankings">The model's judged rows first, then those of its ablations on the same rows, by name; empty where nothing is ranked.</param>
/// <param name="Importance">Share of the model's gain by feature, greatest first; empty where there is none.</param>
internal sealed record QualityOutcome(QualityResult Result, IReadOnlyList<(string Name, JudgedRows Rows)> Rankings, IReadOnlyList<(string Feature, double Gain)> Importance);
