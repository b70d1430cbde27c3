using Recs.Storage.Migrations;
using Recs.Storage.Reports;
using Recs.Storage.Sql;

namespace Recs.Storage.Tests;

public sealed class SqlTextTests
{
    [Theory]
    [InlineData("select $a, $b_2 + $a", "select @a, @b_2 + @a")]
    [InlineData("select '$a', \"$b\", 'it''s $c' -- $d\n, $e /* $f */", "select '$a', \"$b\", 'it''s $c' -- $d\n, @e /* $f */")]
    [InlineData("select $1, 5$, '$", "select $1, 5$, '$")]
    public void WithAtSigns_AnyText_ChangesParametersOnly(string sql, string expected) => Assert.Equal(expected, SqlText.WithAtSigns(sql));

    [Fact]
    public void Parameters_OfAReport_AreThoseItDeclares()
    {
        foreach (var report in ReportRunner.Names.Select(ReportRunner.Describe))
        {
            Assert.Equal(report.Parameters.Select(parameter => parameter.Name).Order(), SqlText.Parameters(report.Sql).Order());
            Assert.NotEmpty(report.Summary);
            Assert.Equal(report.Parameters.Count, report.Values(new Dictionary<string, string>()).Count);
            Assert.Equal(["Grain", "Inputs", "Measures"], report.Head.Take(3).Select(paragraph => paragraph[..paragraph.IndexOf(':', StringComparison.Ordinal)]));
        }
        Assert.All(CheckRunner.Names.Select(CheckRunner.Describe), check => Assert.Empty(SqlText.Parameters(check.Sql)));
    }

    [Fact]
    public void Storable_TextNoDatabaseHolds_IsReplaced()
    {
        Assert.Equal("a\uFFFDb\uFFFD😀", WireText.Storable("a\0b\uD83D😀"));
        Assert.Equal("plain é", WireText.Storable("plain é"));
    }

    [Fact]
    public void In_AllFolders_VersionsAreUniqueAndCountFromOne() =>
        Assert.Equal(Enumerable.Range(1, 19), Migration.In("sql/schema", "sql/postgres/schema").Select(step => step.Version));
}
