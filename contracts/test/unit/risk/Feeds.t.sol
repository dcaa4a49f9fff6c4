// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import { IRiskRegistry } from "../../../interfaces/IRiskRegistry.sol";
import { TestPriceFeed } from "../../../tokens/TestPriceFeed.sol";
import { MarketRisk, PriceStatus, Prices } from "../../../types/MarketRisk.sol";
import { FeedProxy } from "../../mocks/FeedProxy.sol";
import { HostileFeed } from "../../mocks/HostileFeed.sol";
import { RiskTest } from "../../utils/RiskTest.sol";
import { Ownable } from "solady/auth/Ownable.sol";

/// @notice Prices of a market with a feed, whatever the feed does. The pool stands at 2000; an hour, a band of 2 %, 10 %.
contract FeedsTest is RiskTest {
    /* A GOOD FEED */

    function test_Feed_GivesTheIndexAndBoundsTheMark() public {
        TestPriceFeed feed = _feed(8, 2100e8);
        _checkPrices(2058e18, 2100e18, PriceStatus.Ok, "2000 is more than 2 % below 2100: 2058");
        vm.prank(owner);
        feed.setAnswer(1990e8);
        _checkPrices(2000e18, 1990e18, PriceStatus.Ok, "within the band");
    }

    function test_Feed_EachStatus() public {
        TestPriceFeed feed = _feed(8, 2000e8);
        vm.startPrank(owner);
        feed.setAnswer(1800e8);
        _checkPrices(1836e18, 0, PriceStatus.Deviating, "2000 is more than 10 % above 1800; 2 % above it: 1836");
        feed.setAnswer(0);
        _checkPrices(2000e18, 0, PriceStatus.NonPositive, "0");
        feed.setAnswer(-1);
        _checkPrices(2000e18, 0, PriceStatus.NonPositive, "-1");
        feed.setAnswerAt(2000e8, uint64(vm.getBlockTimestamp() + 1));
        _checkPrices(2000e18, 0, PriceStatus.Stale, "from the future");
        feed.setAnswer(2000e8);
        vm.stopPrank();
        // The pool's average after 900 s is the price of its tick, so only the status is compared from here.
        _after(3600);
        assertTrue(risk.pricesOf(ETH).status == PriceStatus.Ok, "an hour old");
        _after(1);
        assertTrue(risk.pricesOf(ETH).status == PriceStatus.Stale, "a second older");
    }

    function test_Feed_OfAnyDecimals() public {
        uint8[5] memory decimals = [0, 8, 18, 20, 36];
        for (uint256 i; i < decimals.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            _feed(decimals[i], int256(2000 * 10 ** decimals[i]));
            _checkPrices(2000e18, 2000e18, PriceStatus.Ok, "2000");
            vm.revertToState(snapshot);
        }
    }

    /// The mark against which margin counts follows the average: 450 s at 76,012 and 450 s 400 ticks lower is 200 ticks lower,
    /// 1960.2; the feed at 2000 stops it at 1960.
    function test_Feed_TheAverageIsWhatIsBounded() public {
        _feed(8, 2000e8);
        _after(1000);
        _moveTo(TICK - 400);
        _after(450);
        assertEq(risk.pricesOf(ETH).mark, _priceOf(TICK - 200), "1960.24: within the band");
        _after(10);
        assertLt(_priceOf(TICK - 205), 1960e18, "(440 x 0 + 460 x 400) / 900 = 204.4 ticks lower");
        assertEq(risk.pricesOf(ETH).mark, 1960e18, "bounded");
    }

    /* A BAD ONE */

    function test_HostileFeed_NeverRevertsAndIsStale() public {
        HostileFeed feed = _hostile();
        bytes memory good = _answer(2000e8);
        feed.set(HostileFeed.Mode.Answer, good);
        _checkPrices(2000e18, 2000e18, PriceStatus.Ok, "it can behave");
        feed.set(HostileFeed.Mode.Revert, good);
        _checkPrices(2000e18, 0, PriceStatus.Stale, "reverts");
        feed.set(HostileFeed.Mode.Write, good);
        _checkPrices(2000e18, 0, PriceStatus.Stale, "writes: a static call fails");
        feed.set(HostileFeed.Mode.Answer, "");
        _checkPrices(2000e18, 0, PriceStatus.Stale, "answers nothing");
        feed.set(HostileFeed.Mode.Answer, new bytes(159));
        _checkPrices(2000e18, 0, PriceStatus.Stale, "answers a byte too little");
        bytes memory ones = new bytes(160);
        for (uint256 i; i < 160; ++i) {
            ones[i] = 0xff;
        }
        feed.set(HostileFeed.Mode.Answer, ones);
        _checkPrices(2000e18, 0, PriceStatus.Stale, "answers ones: from the future");
    }

    /// A feed gets 80,000 gas; the rest of the prices takes less than 60,000.
    function test_HostileFeed_BurnsABoundedAmountOfGas() public {
        HostileFeed feed = _hostile();
        feed.set(HostileFeed.Mode.Burn, "");
        uint256 gas = gasleft();
        Prices memory prices = risk.pricesOf(ETH);
        assertLt(gas - gasleft(), 140_000, "bounded");
        assertTrue(prices.status == PriceStatus.Stale, "no answer");
    }

    /// 128 KiB cost the feed 45,000 gas. Copying them would cost the caller as much again; it takes its five words.
    function test_HostileFeed_ALongAnswerIsNotCopied() public {
        HostileFeed feed = _hostile();
        feed.set(HostileFeed.Mode.Long, _answer(2000e8));
        uint256 gas = gasleft();
        Prices memory prices = risk.pricesOf(ETH);
        assertLt(gas - gasleft(), 115_000, "the feed's 45,000 and the rest of the prices");
        assertEq(prices.index, 2000e18, "an answer is an answer");
    }

    function testFuzz_HostileFeed_NeverReverts(bytes calldata answer) public {
        HostileFeed feed = _hostile();
        feed.set(HostileFeed.Mode.Answer, answer);
        Prices memory prices = risk.pricesOf(ETH);
        if (answer.length < 160) assertTrue(prices.status == PriceStatus.Stale, "too short to be an answer");
        _checkBounded(prices);
    }

    /// Fresh, and whatever it likes: the mark is at most five times the pool's average and the band, and at least a fifth less it. So no
    /// answer makes a product of a mark overflow.
    function testFuzz_HostileFeed_NeverMovesTheMarkOutOfReach(int256 value, uint256 magnitude) public {
        HostileFeed feed = _hostile();
        feed.set(HostileFeed.Mode.Answer, _answer(value >> (magnitude % 256)));
        _checkBounded(risk.pricesOf(ETH));
    }

    /// A price under any gas limit is the price, or none: a feed that is well never looks stale.
    function testFuzz_Feed_ATightGasLimitDoesNotMakeItStale(uint256 gas) public {
        HostileFeed feed = _hostile();
        feed.set(HostileFeed.Mode.Long, _answer(2000e8));
        _checkUnder(bound(gas, 20_000, 200_000));
    }

    /// The same for a feed behind a proxy, which keeps a 64th of its gas where the feed runs out of it: enough to answer that it failed.
    function test_Feed_ATightGasLimitDoesNotMakeAProxyStale() public {
        HostileFeed feed = new HostileFeed();
        feed.set(HostileFeed.Mode.Busy, _answer(2000e8));
        _initialize(_withFeed(address(new FeedProxy(address(feed)))));
        _checkPrices(2000e18, 2000e18, PriceStatus.Ok, "69,000 gas with the proxy are within bounds");
        for (uint256 gas = 20_000; gas < 200_000; gas += 250) {
            _checkUnder(gas);
        }
    }

    /// All words of a round, each anything: the types are narrower, but nothing reverts.
    function testFuzz_HostileFeed_AnyWords(uint256 a, int256 value, uint256 c, uint256 updatedAt, uint256 e) public {
        HostileFeed feed = _hostile();
        feed.set(HostileFeed.Mode.Answer, abi.encode(a, value, c, updatedAt, e));
        Prices memory prices = risk.pricesOf(ETH);
        assertTrue(prices.status != PriceStatus.PoolOnly, "it has a feed");
        _checkBounded(prices);
    }

    /// A feed that loses its code later answers nothing.
    function test_Feed_WithoutCodeIsStale() public {
        TestPriceFeed feed = _feed(8, 2000e8);
        vm.etch(address(feed), "");
        _checkPrices(2000e18, 0, PriceStatus.Stale, "no code");
    }

    function test_RevertWhen_TheFeedDoesNotTellItsDecimals() public {
        HostileFeed feed = new HostileFeed();
        bytes[3] memory answers = [bytes(""), abi.encode(37), abi.encode(type(uint256).max)];
        for (uint256 i; i < answers.length; ++i) {
            feed.setDecimals(answers[i]);
            _expectUnusable(address(feed));
        }
        _expectUnusable(makeAddr("nobody"));
    }

    /// The decimals are asked again when a change takes effect.
    function test_Decimals_AreThoseOfTheDayOfAcceptance() public {
        HostileFeed feed = new HostileFeed();
        MarketRisk memory parameters = _withFeed(address(feed));
        vm.prank(owner);
        risk.propose(ETH, parameters);
        feed.setDecimals(abi.encode(18));
        feed.set(HostileFeed.Mode.Answer, abi.encode(1, 2000e18, START, START + 2 days, 1));
        _after(2 days);
        vm.prank(owner);
        risk.accept(ETH);
        assertEq(risk.pricesOf(ETH).index, 2000e18, "18 decimals");
        feed.setDecimals("");
        assertEq(risk.pricesOf(ETH).index, 2000e18, "not asked for each price");
    }

    /* THE BENCHMARK'S FEED */

    function test_TestPriceFeed_OnlyItsOwnerSays() public {
        TestPriceFeed feed = _feed(8, 2000e8);
        vm.expectRevert(Ownable.Unauthorized.selector);
        feed.setAnswer(1);
        vm.expectRevert(Ownable.Unauthorized.selector);
        feed.setAnswerAt(1, 1);
        vm.prank(owner);
        feed.setAnswerAt(1990e8, 77);
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = feed.latestRoundData();
        assertEq(
            abi.encode(round, answer, startedAt, updatedAt, answeredIn), abi.encode(2, 1990e8, 77, 77, 2), "round 2"
        );
    }

    /* HELPERS */

    function _feed(uint8 decimals, int256 answer) private returns (TestPriceFeed feed) {
        feed = new TestPriceFeed(owner, decimals, answer);
        _initialize(_withFeed(address(feed)));
    }

    function _hostile() private returns (HostileFeed feed) {
        feed = new HostileFeed();
        _initialize(_withFeed(address(feed)));
    }

    function _answer(int256 value) private view returns (bytes memory) {
        return abi.encode(1, value, vm.getBlockTimestamp(), vm.getBlockTimestamp(), 1);
    }

    /// @dev A feed gets 80,000, for which 64 ÷ 63 of that and 5,000 must be there; the rest of the prices takes less than 60,000.
    function _checkUnder(uint256 gas) private view {
        (bool ok, bytes memory data) = address(risk).staticcall{ gas: gas }(abi.encodeCall(risk.pricesOf, (ETH)));
        assertTrue(ok || gas < 147_000, "enough is enough");
        if (ok) assertTrue(abi.decode(data, (Prices)).status == PriceStatus.Ok, "the price");
    }

    /// @dev The pool stands at 2000, the band is 2 %: from 400 × 98 % to 10,000 × 102 %.
    function _checkBounded(Prices memory prices) private pure {
        assertGe(prices.mark, 392e18, "not below");
        assertLe(prices.mark, 10_200e18, "not above");
        if (prices.status == PriceStatus.Stale || prices.status == PriceStatus.NonPositive) {
            assertEq(prices.mark, 2000e18, "the pool alone");
        }
    }

    function _expectUnusable(address feed) private {
        MarketRisk memory parameters = _withFeed(feed);
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.RiskRegistry_UnusableFeed.selector, feed));
        risk.propose(ETH, parameters);
        vm.expectRevert(abi.encodeWithSelector(IRiskRegistry.RiskRegistry_UnusableFeed.selector, feed));
        risk.initialize(ETH, parameters);
        vm.stopPrank();
    }

    function _checkPrices(uint256 mark, uint256 index, PriceStatus status, string memory what) private view {
        Prices memory prices = risk.pricesOf(ETH);
        assertEq(uint256(prices.status), uint256(status), what);
        assertEq(prices.index, index, what);
        assertEq(prices.mark, mark, what);
    }
}
