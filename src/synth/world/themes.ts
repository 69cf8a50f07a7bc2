// Themes: what an environment is about, in words. A theme only renames (agents reference §6.2); it never
// makes an environment distinct. One line each: id|title|person|thing|place|resource|job|organisation,
// every word as english/chinese.

import type { Theme } from '../module-types.js';

/** The words a theme may replace. */
export const THEME_WORDS = ['person', 'thing', 'place', 'resource', 'job', 'organisation'] as const;
export type ThemeWord = (typeof THEME_WORDS)[number];

const LINES = `
clinic|clinic/诊所|patient/病人|supply/耗材|ward/病区|room/诊室|shift/班次|supplier/供应商
harbour|harbour/港口|skipper/船长|cargo/货物|pier/码头|berth/泊位|docking/靠泊|shipper/货主
library|library/图书馆|reader/读者|volume/馆藏|branch/分馆|carrel/研读间|desk_shift/值台|publisher/出版社
film_crew|film crew/摄制组|performer/演员|prop/道具|location/外景地|stage/摄影棚|shoot/拍摄|studio/制片厂
seed_bank|seed bank/种子库|botanist/植物学家|accession/种质|vault/冷库|bench/试验台|germination/发芽试验|institute/研究所
observatory|observatory/天文台|observer/观测员|instrument/仪器|dome/圆顶|telescope/望远镜|night_run/夜间观测|consortium/联合体
brewery|brewery/酿酒厂|brewer/酿酒师|ingredient/原料|cellar/酒窖|tank/发酵罐|batch_run/酿造批次|wholesaler/批发商
bakery|bakery/面包房|baker/面包师|flour/面粉|kitchen/厨房|oven/烤炉|bake/烘焙班|mill/磨坊
museum|museum/博物馆|curator/策展人|artefact/藏品|gallery/展厅|hall/报告厅|guided_tour/导览|foundation/基金会
theatre|theatre/剧院|actor/戏剧演员|costume/戏服|venue/场馆|rehearsal_room/排练室|rehearsal/排练|troupe/剧团
vineyard|vineyard/葡萄园|grower/种植者|bottle/瓶酒|parcel/地块|press/压榨机|harvest/采收|cooperative/合作社
orchard|orchard/果园|picker/采摘工|crate/果筐|grove/果林|cold_room/冷藏室|picking/采摘|fruit_trader/果商
school|school/学校|pupil/学生|textbook/课本|campus/校区|classroom/教室|lesson/课时|district/学区
university|university/大学|student/大学生|apparatus/器材|faculty/学院|laboratory/实验室|seminar/研讨课|department/院系
airport|airport/机场|traveller/旅客|luggage/行李|terminal/航站楼|gate/登机口|handling/地勤|airline/航空公司
railway|railway/铁路|passenger/乘客|wagon/车皮|station/车站|platform/站台|run/车次|operator/运营商
ferry|ferry line/轮渡公司|voyager/渡客|vehicle/车辆|jetty/渡口|deck/甲板|crossing/渡航|carrier/承运商
taxi_fleet|taxi fleet/出租车队|rider/乘车人|cab/出租车|rank/候客点|bay/车位|ride/行程|dispatcher/调度公司
bike_share|bike share/共享单车|cyclist/骑行者|bicycle/单车|dock/桩站|stand/车架|maintenance/检修|sponsor/赞助方
hotel|hotel/酒店|guest/住客|amenity/用品|wing/楼翼|suite/套房|turnover/清扫|agency/旅行社
hostel|hostel/青年旅舍|backpacker/背包客|bedding/床品|floor/楼层|dormitory/宿舍|front_desk/前台班|booking_agent/订房商
campsite|campsite/露营地|camper/露营者|tent/帐篷|field/营区|pitch/营位|patrol/巡护|club/俱乐部
restaurant|restaurant/餐厅|diner/食客|dish/菜品|outlet/门店|table_seat/餐桌|service/餐次|caterer/餐饮商
market|market hall/集市|stallholder/摊主|produce/农产品|aisle/过道|stall/摊位|market_day/集市日|farm/农场
bookshop|bookshop/书店|buyer/买家|title/书目|shelf/书架区|reading_nook/阅读角|signing/签售|imprint/书社
pharmacy|pharmacy/药房|client/顾客|medicine/药品|counter/药柜|consult_room/咨询室|round/巡药|laboratory_firm/药企
hospital|hospital/医院|inpatient/住院病人|device_kit/器械包|unit/科室|theatre_room/手术室|surgery/手术|trust/医联体
vet|veterinary practice/兽医院|owner/宠物主|remedy/兽药|yard/院区|kennel/犬舍|check_up/体检|breeder/繁育场
zoo|zoo/动物园|keeper/饲养员|feed/饲料|enclosure/围栏区|aviary/鸟舍|feeding/喂养|reserve/保护区
aquarium|aquarium/水族馆|aquarist/水族师|specimen/标本|basin/水池区|pool/展池|dive/潜水作业|marine_trust/海洋基金
botanic_garden|botanic garden/植物园|gardener/园丁|plant/植株|terrace/台地|glasshouse/温室|planting/种植|society/学会
forest_service|forest service/林务局|ranger/护林员|sapling/树苗|sector/林区|cabin/林间小屋|survey/调查|timber_firm/木材公司
fire_brigade|fire brigade/消防队|firefighter/消防员|hose/水带|precinct/辖区|engine/消防车|drill/演练|municipality/市政
mountain_rescue|mountain rescue/山地救援|rescuer/救援员|rope/绳索|valley/山谷|shelter/避难所|mission/救援任务|alliance/联盟
coast_guard|coast guard/海岸警卫|officer/警官|buoy/浮标|coast/海岸段|cutter/巡逻艇|watch/值守|port_office/港务处
city_council|city council/市政厅|resident/居民|permit/许可证|quarter/街区|chamber/会议厅|hearing/听证|bureau/局
post_office|post office/邮局|addressee/收件人|package/包裹|depot/邮站|sorting_line/分拣线|delivery/投递|courier/快递公司
warehouse|warehouse/仓储|forklift_driver/叉车工|pallet/托盘货|zone_hall/库区|ramp/装卸台|loading/装车|logistics_firm/物流公司
factory|factory/工厂|machinist/机工|component/零部件|plant_hall/车间|machine/机床|production_run/生产批|vendor/厂商
shipyard|shipyard/船厂|welder/焊工|hull_plate/船板|slipway/船台|drydock/干船坞|refit/改装|shipowner/船东
foundry|foundry/铸造厂|founder/铸工|alloy/合金|casting_bay/浇铸区|furnace/熔炉|pour/浇铸|metal_trader/金属商
print_shop|print shop/印刷厂|printer/印刷工|paper_stock/纸张|annex/附楼|printing_press/印刷机|print_job/印务|paper_mill/造纸厂
textile_mill|textile mill/纺织厂|weaver/织工|fabric/布料|weaving_shed/织布间|loom/织机|weaving/织造|fashion_house/时装公司
pottery|pottery/陶坊|potter/陶艺师|vessel/器皿|workshop/作坊|kiln/窑炉|firing/烧制|guild/行会
watchmaker|watchmaker/钟表行|horologist/钟表师|watch_piece/腕表|atelier/工坊|workbench/工作台|repair/维修|manufacture/制表厂
orchestra|orchestra/乐团|musician/乐手|score/乐谱|concert_hall/音乐厅|practice_room/琴房|performance/演出|patron/资助方
radio|radio station/电台|presenter/主持人|recording/录音|region/覆盖区|booth/播音间|broadcast/播出|label/唱片公司
newspaper|newspaper/报社|journalist/记者|article/稿件|edition/版区|newsroom_desk/编辑台|assignment_run/采访|news_agency/通讯社
law_office|law office/律所|counsel/律师|case_file/案卷|court/法院|meeting_room/会议室|session/庭审|law_firm/事务所
insurance|insurance office/保险公司|policyholder/投保人|claim/理赔件|area/片区|interview_room/面谈室|inspection/查勘|broker/经纪行
bank|bank branch/银行网点|customer/客户|safe_box/保管箱|branch_office/网点|counter_window/柜台|appointment/预约|institution/机构
estate_agency|estate agency/房产中介|tenant/租客|flat/公寓|neighbourhood/社区|showroom/样板间|viewing/看房|landlord_firm/业主公司
gym|gym/健身房|member/会员|mat/垫子|studio_floor/训练区|court_hall/球场|class/课程|federation/联合会
ski_resort|ski resort/滑雪场|skier/滑雪者|ski_set/雪具|slope/雪道区|lift/缆车|coaching/教练课|tour_operator/旅游公司
golf_club|golf club/高尔夫球会|golfer/球手|golf_cart/球车|course/球场区|tee/发球台|tournament/赛事|association/协会
sailing_club|sailing club/帆船会|sailor/水手|sail/船帆|bay_area/海湾|mooring/系泊位|regatta/帆赛|yacht_club/游艇会
space_centre|space centre/航天中心|engineer/工程师|module_part/舱段|pad_area/发射区|test_stand/试车台|launch/发射|contractor/承包商
weather_service|weather service/气象局|forecaster/预报员|balloon/探空气球|basin_area/流域|radar/雷达|sounding/探测|met_office/气象处
research_ship|research vessel/科考船|scientist/科学家|sampler/采样器|transect/断面|winch/绞车|cast/投放|ocean_institute/海洋所
polar_station|polar station/极地站|expeditioner/考察队员|provision/补给|sector_ice/冰区|hut/小屋|traverse/穿越|polar_program/极地计划
power_grid|power grid/电网|technician/技术员|transformer/变压器|district_grid/供电区|substation/变电站|outage_job/检修任务|utility/电力公司
water_works|waterworks/水务|inspector/检查员|valve/阀门|catchment/集水区|pump_house/泵房|flushing/冲洗|water_board/水务局
recycling|recycling centre/回收中心|sorter/分拣工|bale/打包料|collection_area/收集区|baler/打包机|pickup/清运|recycler/回收商
game_studio|game studio/游戏工作室|designer/设计师|asset/素材|team_area/团队区|capture_stage/动捕棚|playtest/试玩|game_publisher/发行商
festival|festival/音乐节|volunteer/志愿者|wristband/腕带|meadow/草场|marquee/帐篷台|set_slot/演出时段|promoter/主办方
charity|charity/慈善机构|donor/捐助人|donation/捐赠物|chapter/分会|hall_space/活动室|drive/募捐|partner_body/合作单位
`;

function parse(line: string): Theme {
  const [id, title, ...words] = line.split('|');
  const pair = (text: string): { en: string; zh: string } => {
    const [en, zh] = text.split('/');
    return { en: en!, zh: zh! };
  };
  const named = THEME_WORDS.map((word, i) => [word, pair(words[i]!)] as const);
  return { id: id!, title: pair(title!), words: Object.fromEntries(named) };
}

/** All themes, in a fixed order. */
export const themes: readonly Theme[] = LINES.trim().split('\n').map(parse);
