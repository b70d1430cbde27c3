using System.Text;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Pipelines.Datasets;
using Recs.Pipelines.Datasets.MovieLens;

namespace Recs.Pipelines.Tests.Datasets;

public sealed class DatasetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recs-dataset-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Find_UnknownName_NamesWhatThereIs() =>
        Assert.Contains("online-retail, ml-100k", Assert.Throws<RefusedException>(() => Dataset.Find("netflix")).Message, StringComparison.Ordinal);

    [Fact]
    public void Find_EveryName_IsItsDataset() => Assert.All(Dataset.All, dataset => Assert.Same(dataset, Dataset.Find(dataset.Name)));

    [Fact]
    public void MovieLens_MadeUpRatings_AreImpressionsWithLikesAndHides()
    {
        // Made-up rows in the shape of that data set, whose own files may not be passed on.
        Write("u.data", "1\t7\t4\t880000010\n2\t7\t3\t880000000\n1\t8\t5\t880000010\n");
        Write("u.item", Film(7, "Made Up Film (1995)", "1") + Film(8, "Café Noir", "0"));
        Write("u.user", "1|24|M|writer|00000\n2|31|F|artist|00000\n");
        var facts = Dataset.Find("ml-100k").Read(_folder, 1);
        Assert.Equal(
            ["ml-item-7", "ml-item-8", "ml-user-1", "ml-user-2", "ml-2-7-shown", "ml-2-7", "ml-1-7-shown", "ml-1-8-shown", "ml-1-7", "ml-1-8"],
            facts.Select(fact => fact.Event.Id.Value));
        var film = Assert.IsType<ItemUpserted>(facts[0].Event).Item;
        Assert.Equal(("Made Up Film (1995)", "1995"), (film.Title, film.Attributes.Text("year")));
        Assert.Equal(["unknown", "Action"], film.Tags);
        var other = Assert.IsType<ItemUpserted>(facts[1].Event).Item;
        Assert.Equal(("Café Noir", null), (other.Title, other.Attributes.Text("year")));
        Assert.Equal("artist", Assert.IsType<UserUpserted>(facts[3].Event).Attributes.Text("occupation"));
        var like = Assert.IsType<Interaction>(facts[^1].Event);
        Assert.Equal((InteractionType.Like, "1", "8", new RequestId("ml-1-8")), (like.Action, like.User.Value, like.Item.Value, like.Request!.Value));
        Assert.Equal((InteractionType.Hide, "2"), (Assert.IsType<Interaction>(facts[5].Event).Action, ((Interaction)facts[5].Event).User.Value));
        Assert.True(facts[0].Known < facts[4].Known);
    }

    [Fact]
    public void Collm_MadeUpRatings_HaveTheirFilmsGenres()
    {
        Write("train.tsv", "uid\tiid\tlabel\ttimestamp\tnot_cold\this_iids\ttitle\n3\t1\t1\t990000000\t1\t0\tMade Up: A Film (1995)\n3\t2\t0\t990000001\t1\t0 1\tOther (2000)\n");
        Write("items.tsv", "iid\ttitle\n1\tMade Up: A Film (1995)\n2\tOther (2000)\n");
        Write("movies.dat", "9::Made Up: A Film (1995)::Drama|War\n");
        var ratings = CollmFiles.Ratings(Path.Combine(_folder, "train.tsv"), "train");
        Assert.Equal([("collm-train-0", "1", true), ("collm-train-1", "2", false)], ratings.Select(rating => (rating.Id, rating.Film, rating.Liked)));
        Assert.Equal(new Timestamp(990_000_001_000), ratings[1].Time);
        var films = CollmFiles.Films(_folder);
        Assert.Equal(["Drama", "War"], films[0].Tags);
        Assert.Equal(("1995", 0), (films[0].Attributes.Text("year"), films[1].Tags.Count));
        Write("train.tsv", "uid\tiid\tlabel\ttimestamp\n3\t1\tyes\t990000000\n");
        Assert.Contains("line 2: label is 'yes'", Assert.Throws<RefusedException>(() => CollmFiles.Ratings(Path.Combine(_folder, "train.tsv"), "train")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1\t7\t4\n", "u.data, line 1: 3 columns")]
    [InlineData("1\t7\tfour\t880000010\n", "u.data, line 1")]
    [InlineData("1\t7\t4\t880000010\n1\t8\t4\t99999999999999999999\n", "u.data, line 2")]
    [InlineData("", "holds no rows")]
    public void MovieLens_BrokenRatings_AreRefusedWithTheLine(string text, string part)
    {
        Write("u.data", text);
        Assert.Contains(part, Assert.Throws<RefusedException>(() => Dataset.Find("ml-100k").Read(_folder, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Delimited_QuotesInTabs_AreLetters()
    {
        Write("x.tsv", "a\t\"b\nc\td\"\n");
        Assert.Equal(["a|\"b", "c|d\""], Delimited.Read(Path.Combine(_folder, "x.tsv"), '\t', header: false, 2, Encoding.UTF8, row => string.Join('|', row)));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text, Encoding.Latin1);

    private static string Film(int id, string title, string genre) => $"{id}|{title}|01-Jan-1995||http://example.org|{genre}|{genre}|{string.Join('|', Enumerable.Repeat("0", 17))}\n";
}
